"""From a file of JSON lines, or a folder of Markdown files, to records."""

import json
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from kb import markdown, pictures
from kb.importing.records import MAX_LINE, BadRecord, check


def read(path, *, is_markdown=False):
    """Each record of a file or folder as (place, record or BadRecord, bytes read so far)."""
    path = Path(path)
    return _read_folder(path) if path.is_dir() else _read_lines(path, is_markdown)


def size(path):
    path = Path(path)
    files = _markdown_files(path) if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _markdown_files(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".md" and p.is_file())


def _read_lines(path, is_markdown):
    done = 0
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            done += len(line)
            if line.strip():
                yield _("line %d") % number, _attempt(_parse_line, line, is_markdown), done


def _read_folder(folder):
    done = 0
    for path in _markdown_files(folder):
        done += path.stat().st_size
        yield str(path.relative_to(folder)), _attempt(_parse_file, path, folder), done


def _attempt(parse, *args):
    try:
        return parse(*args)
    except BadRecord as problem:
        return problem
    except UnicodeDecodeError:
        return BadRecord(_("it is not written in UTF-8"))
    except json.JSONDecodeError as problem:
        return BadRecord(
            _("it is not JSON from character %(place)d on: %(what)s")
            % {"place": problem.pos + 1, "what": problem.msg}
        )
    except RecursionError:
        return BadRecord(_("it nests too deep"))
    except (ValueError, OSError) as problem:
        return BadRecord(str(problem))


def _parse_line(line, is_markdown):
    if len(line) > MAX_LINE:
        raise BadRecord(_("it is longer than %d bytes") % MAX_LINE)
    record = json.loads(line)
    if not isinstance(record, dict):
        raise BadRecord(_("it is not an object"))
    return check(record, is_markdown=is_markdown)


def _parse_file(path, folder):
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BadRecord(_("it is a link that leads out of the folder"))
    name = path.relative_to(folder).with_suffix("").as_posix()
    fields, body = markdown.front_matter(path.read_text(encoding="utf-8-sig"))
    heading, rest = markdown.own_title(body)
    if heading and fields.get("title") in (None, heading):
        fields["title"], body = heading, rest
    given = {"id": name, "title": path.stem.replace("-", " ").replace("_", " ")}
    body = markdown.with_images(body, partial(_picture_beside, path, folder))
    return check(given | fields | {"body": body}, is_markdown=True)


def _picture_beside(path, folder, address, words):
    """The address of a picture that lies in the folder too; any other stays what it is."""
    file = (path.parent / unquote(address)).resolve()
    if not (words and file.is_relative_to(folder.resolve()) and file.is_file()):
        return address
    try:
        drawn = pictures.draw(ContentFile(file.read_bytes()), file.name)
    except ValidationError as problem:
        raise BadRecord(" ".join(problem.messages)) from None
    return pictures.add(drawn, alternative_text=words[:300]).address
