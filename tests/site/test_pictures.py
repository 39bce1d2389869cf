"""Pictures: crisp or smooth as they should be, named by what they show, encoded once."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from early_vision.features.result import FeatureVisualization
from early_vision.memory import Memory
from early_vision.site.pictures import encode_missing, is_whole_webp, portrait, portrait_side, resized, sheet
from early_vision.site.sprites import layer_tiles

CHECKS = np.where(np.indices((7, 7)).sum(0)[..., None] % 2, 255, 0).astype(np.uint8).repeat(3, axis=2)


def smooth(size: int, value: int = 100) -> np.ndarray:
    return np.full((size, size, 3), value, np.uint8)


def test_a_filter_is_shown_as_its_pixels():
    large = np.asarray(resized(CHECKS, 336))
    assert (large == CHECKS.repeat(48, axis=0).repeat(48, axis=1)).all()
    tile = np.asarray(resized(CHECKS, 120))
    assert tile.shape == (120, 120, 3)
    inside = [round((index + 0.5) * 120 / 7) for index in range(7)]
    assert (tile[np.ix_(inside, inside)] == CHECKS).all()


def test_sides_of_portraits():
    assert [portrait_side(size) for size in (7, 11, 19, 59, 75, 91)] == [378, 200, 200, 200, 200, 200]


def test_names_follow_from_content_and_parameters():
    names = [
        sheet([smooth(9)], 120, 16).path,
        sheet([smooth(9, 101)], 120, 16).path,
        sheet([smooth(9)], 60, 16).path,
        sheet([smooth(9), smooth(9)], 120, 16).path,
        portrait(smooth(9), 120).path,
    ]
    assert len(set(names)) == len(names)
    assert sheet([smooth(9)], 120, 16).path == names[0]


def test_a_sheet_holds_each_image_in_its_place():
    images = [smooth(20, 10 * index) for index in range(20)]
    picture = sheet(images, 24, 16)
    decoded = np.asarray(Image.open(io.BytesIO(picture.encode())).convert("RGB")).astype(int)
    assert decoded.shape == (48, 384, 3) == (picture.height, picture.width, 3)
    for index in range(20):
        tile = decoded[index // 16 * 24 :, index % 16 * 24 :][4:20, 4:20]
        assert abs(tile - 10 * index).max() <= 6


def test_a_layer_is_cut_into_sprites_of_128():
    features = [FeatureVisualization("layer", channel, smooth(11, channel), 1.0, None) for channel in range(130)]
    tiles = layer_tiles(features)
    assert len({tile.sprite.path for tile in tiles}) == 2
    assert [(tiles[c].column, tiles[c].row) for c in (0, 15, 16, 127, 128, 129)] == [
        (0, 0),
        (15, 0),
        (0, 1),
        (15, 7),
        (0, 0),
        (1, 0),
    ]
    assert (tiles[0].sprite.width, tiles[0].width, tiles[129].width) == (1920, 960, 120)


def test_only_missing_or_damaged_pictures_are_encoded(tmp_path):
    pictures = [portrait(smooth(9, value), 40) for value in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        first = {path: one.result() for path, one in encode_missing(pictures, tmp_path, Memory(), pool).items()}
    (tmp_path / "pictures").mkdir()
    (tmp_path / pictures[0].path).write_bytes(first[pictures[0].path])
    (tmp_path / pictures[1].path).write_bytes(first[pictures[1].path][:-3])
    assert is_whole_webp(tmp_path / pictures[0].path)
    with ThreadPoolExecutor(2) as pool:
        again = encode_missing(pictures, tmp_path, Memory(), pool)
    assert again[pictures[0].path] is None
    assert again[pictures[1].path].result() == first[pictures[1].path]
