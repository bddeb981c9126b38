# Offer %watch and %%watch in every IPython shell of this environment. prismq_nb is imported when
# one of them is first used.
#
# IPython runs this file in the user's namespace: it leaves no name there and no docstring, and what
# it installs uses no global name. It may belong to another environment than the shell's (IPython
# also looks into /usr/local/etc/ipython), where prismq_nb is missing or of another version. It
# never raises.


def _prismq_start():
    import sys
    from importlib.util import find_spec

    shell = get_ipython()  # noqa: F821 - IPython's
    if "prismq_nb" in sys.modules:  # before there was a shell, or by another file like this one
        sys.modules["prismq_nb"].load_ipython_extension(shell)
        return
    manager = shell.magics_manager
    is_taken = any("watch" in manager.magics[kind] for kind in ("line", "cell"))
    if is_taken or "watch" in manager.lazy_magics or find_spec("prismq_nb") is None:
        return
    manager.register_lazy("watch", "prismq_nb")
    cleanup = shell.input_transformers_cleanup

    def import_at_first_use(lines):
        if not any(line.lstrip().startswith("%%watch") for line in lines):
            return lines
        if manager.lazy_magics.get("watch") != "prismq_nb":
            return lines
        magic = manager.magics["cell"].get("watch")
        if magic is not None and type(magic).__name__ != "LazyMagic":
            return lines  # loaded already, or somebody else's by now
        known = len(cleanup)
        try:
            shell.extension_manager.load_extension("prismq_nb")
        except Exception:  # noqa: BLE001 - the magic itself says why
            return lines
        for transform in cleanup[known:]:  # IPython does not call these for this cell
            lines = transform(lines)
        return lines

    import_at_first_use.has_side_effects = True  # not while a person types
    cleanup.append(import_at_first_use)


try:
    _prismq_start()
except Exception:  # noqa: BLE001, S110 - a broken installation must not harm the shell
    pass
finally:
    del _prismq_start
