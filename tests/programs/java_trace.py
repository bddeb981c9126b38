"""Print like a Java service: a record, and a stack trace of many lines below it."""

print("2024-05-01 12:00:00,123 INFO  [main] com.example.App - Starting")
print("2024-05-01 12:00:01,456 ERROR [http-nio-8080-exec-1] com.example.Orders - Order 17 failed")
print("java.lang.IllegalStateException: no stock")
print("\tat com.example.Stock.take(Stock.java:42)")
print("\tat com.example.Orders.place(Orders.java:17)")
print("Caused by: java.sql.SQLTimeoutException: INFO: query took 30 s")
print("\tat org.postgresql.Driver.connect(Driver.java:298)")
print("\t... 23 more")
print("2024-05-01 12:00:02,000 WARN  [main] com.example.App - 1 error so far")
