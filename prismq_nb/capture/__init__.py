"""The supervisor of one run, in a process of its own. Imports only `journal` and `common/base`."""
