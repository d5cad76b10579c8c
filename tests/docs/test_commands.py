"""Every command that a document shows can be typed: it exists, and takes these options and arguments."""

import re
import shlex
import subprocess

import click
import pytest

from saycode.cli.main import main
from tests.docs.blocks import DOCUMENTS, ROOT, Block, blocks

SHELL = blocks("sh", "console")
#: Programs of the machine, which no test runs: their files are looked at where the repository has them.
OF_THE_MACHINE = {
    *("cp", "mkdir", "openssl", "$EDITOR", "chown", "chmod", "useradd", "git", "cd", "python3", "echo", "install"),
    *("systemctl", "docker", "ln", "rm"),
}
#: Why the other programs' commands are not run here.
RUN_ELSEWHERE = {
    "python": "it starts these tests",
    "pip": "it installs from a package index, which no test reaches",
    "curl": "tests/docs/test_examples.py runs it",
    "helm": "tests/clients/manifests.py runs it without a cluster",
    "kubectl": "tests/clients/manifests.py runs it without a cluster",
    "litestream": "tests/clients/litestream.py runs it",
    "pipx": "make release runs it",
    "uvx": "make release runs it",
    "sha256sum": "make release writes its file; any machine has it",
    "twilio-simulator": "tests/twilio_simulator/test_command.py reads its page",
}


def ours(words: list[str]) -> list[str]:
    """The command without what runs it elsewhere (`sudo -u NAME`, `docker compose exec NAME`); empty if not ours."""
    for wrapper in (["sudo", "-u"], ["docker", "compose", "exec"]):
        if words[: len(wrapper)] == wrapper:
            words = words[len(wrapper) + 1 :]
    name = words[0].rpartition("/")[2]
    return [name, *words[1:]] if name in {"saycode", "make"} else []


def problem(words: list[str]) -> str | None:
    """Why a saycode command cannot be typed, or None. It is parsed and not run."""
    command: click.Command = main
    arguments = words[1:]
    try:
        while isinstance(command, click.Group):
            if not arguments:
                return "names no command"
            found = command.get_command(click.Context(command), arguments[0])
            if found is None:
                return f"{arguments[0]} is no command"
            command, arguments = found, arguments[1:]
        command.make_context(command.name, arguments)
    except click.UsageError as error:
        return error.format_message()
    except SystemExit as ended:  # `preview --check` answers while it is parsed
        return None if ended.code == 0 else f"ends with {ended.code}"
    return None


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_a_shell_can_read_it(block: Block) -> None:
    script = "\n".join(" ".join(map(shlex.quote, words)) for words in block.commands())
    assert script
    text = block.text if block.language == "sh" else script
    checked = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_every_command_in_a_block_exists_and_takes_its_options(block: Block) -> None:
    for words in block.commands():
        mine = ours(words)
        if mine[:1] == ["make"]:
            assert mine[1] in targets()
        elif mine:
            assert problem(mine) is None, " ".join(words)
        else:
            program = words[0].rpartition("/")[2]
            assert program in OF_THE_MACHINE | RUN_ELSEWHERE.keys(), f"{words[0]}: add it, or a test that runs it"


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_every_file_of_the_repository_that_a_command_names_exists(block: Block) -> None:
    for word in (word for words in block.commands() for word in words):
        if re.match(r"(deploy|tests|tools|examples|benchmarks|docs)/|requirements[\w-]*\.txt$|\.env\.example$", word):
            assert (ROOT / word).exists(), word


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def spoken(document: str) -> list[str]:
    """The commands of ours that stand between backticks in the text of a document."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`(saycode [a-z][^`\n]*)`", text)


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if spoken(name)])
def test_every_command_in_a_sentence_exists_and_takes_its_options(document: str) -> None:
    """Arguments may be left out there, and `a|b` or `[--c]` may stand for a choice."""
    for text in spoken(document):
        assert missing_part(text) is None, text


def missing_part(text: str) -> str | None:
    """The first word of a command that is no command, or option that its command does not have."""
    command: click.Command = main
    for word in re.sub(r"[\[\]…()]", " ", text).split()[1:]:
        if word.startswith("--") or re.fullmatch(r"-[a-z]", word):
            options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
            if word.partition("=")[0] not in options:
                return word
        elif isinstance(command, click.Group) and re.fullmatch(r"[a-z-]+", word):
            found = command.get_command(click.Context(command), word)
            if found is None:
                return word
            command = found
    return None


@pytest.mark.parametrize(
    "words", ["saycode servce", "saycode services create", "saycode backup --too x", "saycode keys create --nope VA5e"]
)
def test_what_cannot_be_typed_is_found(words: str) -> None:
    assert problem(words.split())
