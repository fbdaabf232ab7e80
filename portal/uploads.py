"""Files on their way in: what is larger than we take is let go while it arrives."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from feedback import files


class BoundedUploads(FileUploadHandler):
    """Drops a file that grows beyond the limit, and remembers its name.

    The rest of the form goes on being read, so that nobody loses their words over a
    video; the form then names the file.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.too_large = []

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        if self.received > files.MAX_BYTES:
            self.too_large.append(files.clean_name(self.file_name))
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        return None


def bounded(request):
    """Watch this request's uploads; gives the list of names that were too large."""
    handler = BoundedUploads(request)
    request.upload_handlers.insert(0, handler)
    return handler.too_large
