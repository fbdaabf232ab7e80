"""The rich-text editor under the strict content policy.

Its modules are named by an import map, an inline script that carries the page's nonce; and it
writes one constant style, let in by its hash on the editor's own pages only. A browser test
fails when an upgrade of the editor changes that style.
"""

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from js_asset import Media, Script

STYLE_HASH = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"

editor_policy = csp_update({"style-src": [STYLE_HASH]})
allow_editor = method_decorator(editor_policy)
own_media = Media(css={"all": ["kb/admin.css"]}, js=[Script("kb/editor.js", type="module")])


def with_nonce(request, media):
    return media.with_nonce(str(request.csp_nonce)) if hasattr(media, "with_nonce") else media
