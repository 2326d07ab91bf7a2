import inspect

from jaxbio.models.self_supervised import SelfSupervised
from jaxbio.singlecell.latent import VAE


def test_a_subclass_is_found_by_its_name_and_has_every_part():
    assert SelfSupervised.registry["vae"] is VAE
    parts = [n for n, part in vars(SelfSupervised).items() if inspect.isfunction(part)]
    assert parts and all(getattr(VAE, n) is not vars(SelfSupervised)[n] for n in parts)
