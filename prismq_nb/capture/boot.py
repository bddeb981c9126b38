"""The supervisor's entry point: ``python -I -S boot.py PACKAGE_PARENT RUN_DIR LOCK_FD READY_FD``.

Isolated mode (``-I``) keeps the user's working directory and PYTHONPATH away from our imports (a user's ``select.py`` must not be ours), ``-S`` spares the
10 ms and the side effects of ``site``. So the package is found by the path that the engine names, put last: the standard library wins.
"""

import sys

if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    from prismq_nb.capture.supervisor import main

    main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
