"""The README's Python code runs and does what it says."""

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def test_the_python_example_finds_the_planted_ground_state(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    energy, ground = capsys.readouterr().out.split()
    assert float(energy) == float(ground)


def test_the_public_names_are_there():
    import trijunction

    for name in trijunction.__all__:
        assert getattr(trijunction, name).__name__ == name
