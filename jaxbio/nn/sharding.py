"""Meshes with Explicit axes: inside a function the compiler shards by itself."""

from collections.abc import Callable
from typing import Any

import jax
from jax.sharding import AxisType, PartitionSpec

Specs = Callable[..., Any]
"""From the arguments of a function the partition of its results, or a prefix of it."""


def automatic(function: Callable[..., Any], specs: Specs) -> Callable[..., Any]:
    """A function that works under a mesh with Explicit axes as under any other.

    JAX then wants a sharding for each ambiguous operation; here the compiler chooses,
    as it does under Auto axes. Without such a mesh the function is as it was.

    Args:
        function: Traced by JAX; its arguments are pytrees of arrays.
        specs: How its results are partitioned, given the arguments.
    """

    def called(*arguments: Any) -> Any:
        mesh = _mesh_of(arguments)
        if AxisType.Explicit not in mesh.axis_types:
            return function(*arguments)
        out = specs(*arguments)
        with jax.sharding.use_abstract_mesh(mesh):
            return jax.sharding.auto_axes(function, out_sharding=out)(*arguments)

    return called


def _mesh_of(arguments: Any) -> Any:
    """The mesh that is set, or else the one on which arguments are."""
    mesh = jax.sharding.get_abstract_mesh()
    meshes = (jax.typeof(leaf).sharding.mesh for leaf in jax.tree.leaves(arguments))
    return mesh if not mesh.empty else next((m for m in meshes if not m.empty), mesh)


def spec_of(array: Any) -> PartitionSpec:
    """How an array is partitioned over the axes of the mesh."""
    return jax.typeof(array).sharding.spec


def by_rows(tree: Any) -> PartitionSpec:
    """The partition of results with a row for each of those of some arrays."""
    first = jax.tree.leaves(tree)[0]
    return PartitionSpec(*spec_of(first)[:1])
