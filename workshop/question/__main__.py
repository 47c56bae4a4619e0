"""Write the files of a new question, and say which: see `make question`."""

import sys

from workshop.question.layout import Asked, lay


def main(number: str, subject: str, name: str, once: str = "") -> None:
    try:
        files = lay(Asked(number, subject, name, once=bool(once)))
    except ValueError as error:
        sys.exit(str(error))
    for file in files:
        print(f"wrote {file}")
    print("The tests now say what is missing: make test ONLY=" + str(files[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
