from haystack.backends.whoosh_backend import WhooshEngine


class Engine(WhooshEngine):
    pass
