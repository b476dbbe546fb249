"""Can these printed numbers be true together?"""
