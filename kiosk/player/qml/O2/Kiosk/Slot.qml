import QtQuick
import O2.Stage

// One scene as it was laid out: pictures, shapes, words, code. It decides nothing.
Item {
    id: root

    required property SceneCard card

    Rectangle {
        anchors.fill: parent
        color: root.card.ground
    }
    Repeater {
        model: root.card.pictures

        delegate: Image {
            required property rect area
            required source

            cache: false
            fillMode: Image.PreserveAspectCrop
            height: area.height
            width: area.width
            x: area.x
            y: area.y
        }
    }
    Repeater {
        model: root.card.shapes

        delegate: Rectangle {
            required property rect area
            required property string colour

            color: colour
            height: area.height
            width: area.width
            x: area.x
            y: area.y
        }
    }
    Repeater {
        model: root.card.texts

        delegate: TextLines {}
    }
    CodeTile {
        card: root.card
    }
}
