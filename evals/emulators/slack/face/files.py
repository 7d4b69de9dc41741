"""Files as people see and share them."""

from aiohttp import web

from evals.emulators.slack.errors import NotOnScreen
from evals.emulators.slack.model import Json, User
from evals.emulators.slack.person import Person
from evals.emulators.slack.state import Workspace

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def visible_file(workspace: Workspace, viewer: User, file_id: str) -> web.Response:
    """A file's content for somebody who is where it was shared, or whom a block shows it.

    Only pictures are shown; anything else (SVG and HTML too) is a download that cannot run here.
    """
    file = workspace.files.get(file_id)
    if file is None or not _may_see(workspace, viewer, file_id):
        raise web.HTTPNotFound(text="no such file")
    shown = file.mimetype in PICTURES
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    if not shown:
        headers["Content-Disposition"] = "attachment"
    return web.Response(
        body=file.content, content_type=file.mimetype if shown else "application/octet-stream", headers=headers
    )


def _may_see(workspace: Workspace, viewer: User, file_id: str) -> bool:
    mine = {channel.id for channel in workspace.channels.values() if viewer.id in channel.members}
    here = [m for m in workspace.messages.values() if m.channel in mine and m.ephemeral_for in {None, viewer.id}]
    if any(file_id in message.files for message in here):
        return True
    home = workspace.homes.get(viewer.id)
    views = [*workspace.modals.get(viewer.id, []), *([home] if home else [])]
    drawn = [*(message.blocks for message in here), *(view.blocks for view in views)]
    return any(file_id in str(blocks) for blocks in drawn)


async def shared_file(person: Person, request: web.Request) -> Json:
    """Share the posted file (form fields: file, channel, and thread and text when given)."""
    form = await request.post()
    file, channel = form.get("file"), str(form.get("channel", ""))
    if not isinstance(file, web.FileField):
        raise NotOnScreen("no file was chosen")
    root = person.workspace.messages.get((channel, str(form.get("thread", ""))))
    said = person.share_file(file.filename, file.file.read(), channel, text=str(form.get("text", "")), thread=root)
    return {"ts": said.ts}
