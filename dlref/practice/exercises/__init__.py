"""One file per exercise; `dlref.practice.exercise` says what it holds."""
