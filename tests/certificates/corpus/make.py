"""Write the corpus: `python make.py [FOLDER]`; the same bytes every time."""

import sys
from pathlib import Path

import accepted
import oscillating  # noqa: F401 (adds its cases to both lists)
import refused
from build import canonical, words

HEAD = """# Certificate files to accept and to refuse

Any checker of the format (`docs/certificate-format.md`) can be run on these files, ours by `python
exact.py accept/*.json`.

- `accept/`: true claims with witnesses in closed form; a checker that works exactly has to prove
  every one. Those that start with `boundary-` hold with no room at all, those with `range-` have
  numbers whose squares leave the doubles: a checker in floating point may leave them open.
- `refuse/malformed-*`: no certificate; to be refused without looking at the mathematics (exit code
  2 of `exact.py`).
- `refuse/unproved-*`: well formed, hash and all, but the witness proves nothing (exit code 3). Most
  claims are false; where one is true, the reason says so.

`make.py` writes all of it, this page included, from `accepted.py`, `refused.py` and
`oscillating.py`, with the standard library alone.
"""


def files():
    """Give `{path: bytes}` of the whole corpus."""
    found, lines = {}, [HEAD]
    for folder, cases in (("accept", accepted.CASES), ("refuse", refused.CASES)):
        lines += [f"\n## {folder}\n", "| file | claim | why |", "|---|---|---|"]
        for name, data, why in cases:
            path = f"{folder}/{name}.json"
            if path in found:
                raise SystemExit(f"two cases are named {name}")
            claim = "" if name.startswith("malformed-") else f"`{words(data['claim'])}`"
            found[path] = data if isinstance(data, bytes) else (canonical(data) + "\n").encode()
            lines.append(f"| `{name}` | {claim} | {why.replace('|', chr(92) + '|')} |")
    found["README.md"] = ("\n".join(lines) + "\n").encode()
    return found


def main(folder):
    for path, data in files().items():
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
