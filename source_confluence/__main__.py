"""`python -m source_confluence`: the same as the console script `source-confluence`."""

from source_confluence.run import run

if __name__ == "__main__":
    run()
