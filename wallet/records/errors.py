"""What can be wrong with a file, a row or a data set, in sentences that never repeat what is in them."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadFile(WalletError):
    """The file can not be read as a table; the sentence says why. Nothing of it is kept."""

    status = 422


class BadDataSet(WalletError):
    """A data set can not be called or made like that."""

    status = 422


class BadRow(WalletError):
    """A row does not fit its data set; `reason` is a key of words.REASONS, `column` the name of the column."""

    status = 422

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


class RowChanged(WalletError):
    """Somebody else changed or deleted this row first; nothing was overwritten."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile somebody changed this row. Look at it as it is now before you save yours."))


class DataSetChanged(WalletError):
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile somebody changed this data set. Load the page again."))


class ImportRuns(WalletError):
    """Two imports at once into one data set would not see each other's rows."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Another file is being imported into this data set. Wait until it is done."))


class Overtaken(WalletError):
    """This attempt of an import is not the one that counts any more; it stops."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This import was started again or ended elsewhere."))


class UnknownDataSet(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such data set."))


class UnknownImport(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such import, or it was undone."))
