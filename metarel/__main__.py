"""``python -m metarel``: the command line, where the command itself is not found."""

from metarel.cli import main

if __name__ == "__main__":
    main()
