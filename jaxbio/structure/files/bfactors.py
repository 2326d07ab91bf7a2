"""Structure files with other B-factors, and all else as it was."""

import io
from collections.abc import Mapping
from pathlib import Path

from jaxbio.data.io.files import open_bytes, text_blocks
from jaxbio.errors import DataError
from jaxbio.structure.files.atoms import ATOM_LINES, UNNAMED, is_mmcif, mmcif_items

_MOST = 99.99  # that has room in a PDB file with a sign


def with_bfactors(
    path: str | Path, values: Mapping[tuple[str, str], float]
) -> tuple[str, str]:
    r"""A structure with numbers of residues in place of its B-factors.

    Args:
        path: A PDB or mmCIF file, also packed by gzip or bzip2.
        values: By the id of the chain (in mmCIF the author's; `_` for none) and the
            number of the residue with its insertion code, from -99.99 to 99.99. All
            other atoms get 0.

    Returns:
        The text of the file, all models of it, and the ending of its format: `.pdb`
        or `.cif`.

    Raises:
        DataError: For a file that is missing or damaged, a number that has no room, or
            residues that the file does not have.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "x.pdb"
        >>> line = "ATOM      1  CA  GLY A   7      11.104   6.134  -6.504  1.00  0.00"
        >>> _ = path.write_text(line + "           C\n")
        >>> with_bfactors(path, {("A", "7"): 1.5})[0][54:66]
        '  1.00  1.50'
    """
    source = str(path)
    for (chain, number), value in values.items():
        if not abs(value) <= _MOST:
            raise DataError(
                f"{source}: residue {number} of chain {chain} would get the B-factor "
                f"{value:g}: give numbers from -{_MOST} to {_MOST}"
            )
    with open_bytes(path) as handle:
        text = "".join(text_blocks(handle, source))
    change = _mmcif if is_mmcif(text) else _pdb
    changed, seen = change(text, source, values)
    lacking = [key for key in values if key not in seen]
    if lacking:
        chain, number = lacking[0]
        raise DataError(f"{source}: there is no residue {number} in chain {chain}")
    return changed, ".cif" if is_mmcif(text) else ".pdb"


def _pdb(
    text: str, source: str, values: Mapping[tuple[str, str], float]
) -> tuple[str, set[tuple[str, str]]]:
    lines, seen = [], set()
    for line in text.splitlines(keepends=True):
        if line.startswith(ATOM_LINES):
            key = (line[21:22].strip() or UNNAMED, line[22:27].strip())
            seen.add(key)
            body = line.rstrip("\r\n")
            ending = line[len(body) :]
            value = values.get(key, 0.0)
            line = f"{body[:60]:<60s}{value:6.2f}{body[66:]}{ending}"
        lines.append(line)
    return "".join(lines), seen


def _mmcif(
    text: str, source: str, values: Mapping[tuple[str, str], float]
) -> tuple[str, set[tuple[str, str]]]:
    from Bio.PDB.mmcifio import MMCIFIO

    items = mmcif_items(text, source)

    def column(*names: str) -> list[str]:
        for name in names:
            if f"_atom_site.{name}" in items:
                return items[f"_atom_site.{name}"]
        raise DataError(f"{source}: the file has no column _atom_site.{names[0]}")

    chains = column("auth_asym_id", "label_asym_id")
    numbers = column("auth_seq_id", "label_seq_id")
    codes = items.get("_atom_site.pdbx_PDB_ins_code", [""] * len(chains))
    codes = ["" if code in (".", "?") else code for code in codes]
    keys = [
        (chain, number + code)
        for chain, number, code in zip(chains, numbers, codes, strict=True)
    ]
    factors = [f"{values.get(key, 0.0):.2f}" for key in keys]
    items["_atom_site.B_iso_or_equiv"] = factors
    out, written = io.StringIO(), MMCIFIO()
    written.set_dict(items)
    written.save(out)
    return out.getvalue(), set(keys)
