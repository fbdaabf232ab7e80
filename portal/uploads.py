"""Files on their way in: what is larger than we take is let go while it arrives."""

from contextlib import contextmanager, suppress

from django.core.files.uploadhandler import (
    MemoryFileUploadHandler,
    SkipFile,
    TemporaryFileUploadHandler,
)

from feedback import files


class BoundedUploads(TemporaryFileUploadHandler):
    """Lets a file go that grows beyond the limit, or that the disk has no room for.

    The rest of the form goes on being read, so that nobody loses their words over a video or a
    full disk; the form then names the files in `too_large`, and `make_sure` tells of the disk.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.too_large, self._trouble = [], None

    def new_file(self, *args, **kwargs):
        self._received = 0
        vars(self).pop("file", None)  # the one before is complete, whatever becomes of this one
        with self._room():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data, start):
        self._received += len(raw_data)
        if self._received > files.MAX_BYTES:
            self.too_large.append(files.clean_name(self.file_name))
            raise SkipFile
        with self._room():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size):
        with suppress(SkipFile), self._room():  # its last bytes are written only now
            return super().file_complete(file_size)

    def make_sure(self):
        """Raise what the disk said, so that nothing is saved without the files it came with."""
        if self._trouble:
            raise self._trouble

    @contextmanager
    def _room(self):
        try:
            yield
        except OSError as error:
            self._trouble = error
            with suppress(OSError):  # closing writes the rest, for which there is no room either
                self.upload_interrupted()
            raise SkipFile from error


def bounded(request):
    """Watch this request's uploads; small forms stay in memory, as ever."""
    uploads = BoundedUploads(request)
    request.upload_handlers = [MemoryFileUploadHandler(request), uploads]
    return uploads
