"""What all tests share: examples that hypothesis draws are the same in every quick run."""

from __future__ import annotations

import os

from hypothesis import settings

# A failure must not depend on the day; HYPOTHESIS_PROFILE=explore draws anew, and many more.
settings.register_profile("quick", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
