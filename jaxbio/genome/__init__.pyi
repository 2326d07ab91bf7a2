from .genotypes import Genotypes as Genotypes, read_genotypes as read_genotypes
