from haystack.signals import BaseSignalProcessor


class ChangeRecorder(BaseSignalProcessor):
    pass
