"""Small proteins built from torsions, and their PDB and mmCIF files as text."""

import numpy as np
from scipy.spatial.transform import Rotation

NAMES = {
    **{"A": "ALA", "C": "CYS", "D": "ASP", "E": "GLU", "F": "PHE", "G": "GLY"},
    **{"H": "HIS", "I": "ILE", "K": "LYS", "L": "LEU", "M": "MET", "N": "ASN"},
    **{"P": "PRO", "Q": "GLN", "R": "ARG", "S": "SER", "T": "THR", "V": "VAL"},
    **{"W": "TRP", "Y": "TYR", "X": "UNK"},
}


ALPHA, THREE_TEN, PI, EXTENDED = (-57, -47), (-49, -26), (-57, -70), (-139, 135)


ATOMS = ("N", "CA", "C", "O", "CB", "CG")


def next_atom(a, b, c, length, angle, torsion):
    """The atom d with this bond c-d, angle b-c-d and torsion a-b-c-d (degrees)."""
    angle, torsion = np.deg2rad([angle, torsion])
    along = (c - b) / np.linalg.norm(c - b)
    normal = np.cross(b - a, along)
    normal /= np.linalg.norm(normal)
    across = np.cross(normal, along)
    turn = np.cos(torsion) * across + np.sin(torsion) * normal
    return c + length * (-np.cos(angle) * along + np.sin(angle) * turn)


def build(torsions, omega=180.0):
    """N, CA, C, O, CB and a CG of residues with these phi and psi, [len 6 3]."""
    n, ca = np.zeros(3), np.array([1.458, 0, 0])
    c = next_atom(np.array([0, 1.0, 0]), n, ca, 1.525, 111.0, -60.0)
    made = []
    for at, (_, psi) in enumerate(torsions):
        o = next_atom(n, ca, c, 1.231, 120.1, psi + 180)
        cb = next_atom(c, n, ca, 1.53, 110.5, -122.5)
        cg = next_atom(n, ca, cb, 1.52, 113.0, -60.0)
        made.append([n, ca, c, o, cb, cg])
        if at + 1 < len(torsions):
            n_next = next_atom(n, ca, c, 1.329, 116.6, psi)
            ca_next = next_atom(ca, c, n_next, 1.458, 121.7, omega)
            c_next = next_atom(c, n_next, ca_next, 1.525, 111.0, torsions[at + 1][0])
            n, ca, c = n_next, ca_next, c_next
    return np.array(made)


def pdb_line(
    serial, atom, name, chain, number, xyz, *, altloc="", icode="", occupancy=1.0,
    record="ATOM", element=None,
):  # fmt: skip
    padded = atom if len(atom) > 3 else f" {atom:<3}"
    x, y, z = xyz
    return (
        f"{record:<6}{serial:>5} {padded}{altloc or ' '}{name:>3} {chain}{number:>4}"
        f"{icode or ' '}   {x:8.3f}{y:8.3f}{z:8.3f}{occupancy:6.2f}{20.0:6.2f}"
        f"          {element or atom[0]:>2}\n"
    )


def pdb_chain(
    sequence, coordinates, *, chain="A", numbers=None, hetero=(), atoms=ATOMS
):
    """The ATOM lines of a chain; `hetero` are residue names written as HETATM."""
    lines, serial = [], 0
    numbers = numbers or [str(at + 1) for at in range(len(sequence))]
    for letter, number, residue in zip(sequence, numbers, coordinates, strict=True):
        name = NAMES.get(letter, letter)
        icode = number[-1] if number[-1].isalpha() else ""
        for atom, xyz in zip(ATOMS, residue, strict=True):
            missing = {"G": ("CB", "CG"), "A": ("CG",)}.get(letter, ())
            if atom not in atoms or atom in missing:
                continue
            serial += 1
            record = "HETATM" if name in hetero else "ATOM"
            whole = number.removesuffix(icode)
            lines.append(
                pdb_line(
                    serial, atom, name, chain, whole, xyz, icode=icode, record=record
                )
            )
    return "".join(lines) + f"TER   {serial + 1:>5}      {name:>3} {chain}{whole:>4}\n"


def seqres(names, chain="A"):
    lines = []
    for row, start in enumerate(range(0, len(names), 13), start=1):
        listed = " ".join(f"{name:>3}" for name in names[start : start + 13])
        lines.append(f"SEQRES {row:>3} {chain} {len(names):>4}  {listed}\n")
    return "".join(lines)


def hairpin():
    """Two strands and a turn; DSSP 4 gives `CCCEEETTEEECCC`."""
    strand = [(-120, 130)] * 6
    return build([*strand, (55, 38), (78, 20), *strand])


def mmcif(sequence, coordinates, *, shown=None, chain="A", asym="A", entity="1"):
    """An mmCIF file with one protein chain; `shown` are the places that have atoms."""
    shown = range(len(sequence)) if shown is None else shown
    names = [NAMES.get(letter, letter) for letter in sequence]
    lines = ["data_TEST", "#", "loop_", "_entity_poly_seq.entity_id"]
    lines += ["_entity_poly_seq.num", "_entity_poly_seq.mon_id"]
    lines += [f"{entity} {at + 1} {name}" for at, name in enumerate(names)]
    lines += ["#", "loop_"]
    fields = (
        "group_PDB id type_symbol label_atom_id label_alt_id label_comp_id "
        "label_asym_id label_entity_id label_seq_id pdbx_PDB_ins_code Cartn_x Cartn_y "
        "Cartn_z occupancy B_iso_or_equiv auth_seq_id auth_asym_id pdbx_PDB_model_num"
    )
    lines += [f"_atom_site.{field}" for field in fields.split()]
    serial = 0
    for at in shown:
        for atom, (x, y, z) in zip(ATOMS, coordinates[at], strict=True):
            if atom in {"G": ("CB", "CG"), "A": ("CG",)}.get(sequence[at], ()):
                continue
            serial += 1
            lines.append(
                f"ATOM {serial} {atom[0]} {atom} . {names[at]} {asym} {entity} "
                f"{at + 1} ? {x:.3f} {y:.3f} {z:.3f} 1.00 20.00 {at + 101} {chain} 1"
            )
    return "\n".join([*lines, "#", ""])


HELIX = "MKALEDGAWRF"


def helix(sequence=HELIX):
    return build([ALPHA] * len(sequence))


def long_helix(length=40):
    return build([ALPHA] * length)[:, :5]


def walk(length, seed=0):
    """CA of a chain that folds at random, steps of 3.8 angstrom."""
    steps = np.random.default_rng(seed).normal(size=(length, 3))
    steps *= 3.8 / np.linalg.norm(steps, axis=1, keepdims=True)
    return np.cumsum(steps, axis=0)


def noisy(coordinates, size=1.0, seed=0):
    random = np.random.default_rng(seed)
    return coordinates + size * random.normal(size=coordinates.shape)


def turned(coordinates, seed=0):
    random = np.random.default_rng(seed)
    rotation = Rotation.random(random_state=seed).as_matrix()
    return coordinates @ rotation.T + 50 * random.normal(size=3)
