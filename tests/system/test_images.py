# SPDX-License-Identifier: Apache-2.0
"""Images that nobody here wrote, out of Debian's packages: the quick ones of `./belay images`."""
import images
from testing import check, for_each, takes


@takes(60)
@for_each("edk2-linux", "u-boot", "u-boot-armhf")
def test_the_image_comes_to_where_it_should_beside_the_radio(name):
    image = next(i for i in images.IMAGES if i.name == name)
    images.fetch(image)
    check(images.boot(image).missed == 0, "the radio missed something")
