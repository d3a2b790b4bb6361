"""The scripts here write files and are run by `test_corpus.py`; they hold no tests."""

collect_ignore_glob = ["*.py"]
