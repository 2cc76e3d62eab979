import QtQuick
import O2.Stage

// The code, pixel for pixel: never scaled, never smoothed.
Image {
    id: root

    required property SceneCard card

    cache: false
    height: card.tile.height
    smooth: false
    source: card.code
    width: card.tile.width
    x: card.tile.x
    y: card.tile.y
}
