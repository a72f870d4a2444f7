# SPDX-License-Identifier: Apache-2.0
"""Images that nobody here wrote, out of Debian's packages: the quick ones of `./belay images`, and others' configurations."""
import tempfile

import images
from machine import pack
from testing import check, for_each, takes


def named(name):
    return next(i for i in images.IMAGES if i.name == name)


@takes(60)
@for_each("edk2-linux", "u-boot", "u-boot-armhf")
def test_the_image_comes_to_where_it_should_beside_the_radio(name):
    image = named(name)
    images.fetch(image)
    check(images.boot(image).missed == 0, "the radio missed something")


@takes(1)
@for_each(*(i.name for i in images.IMAGES if not i.fetch))
def test_the_configuration_of_the_image_is_right(name):
    image = named(name)
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        pack(folder, *images.vms(image), board=images.BOARDS[image.gic])
