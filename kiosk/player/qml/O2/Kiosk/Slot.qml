import QtQuick
import O2.Stage

// One scene as it was laid out: pictures, a clip, shapes, words, code. It decides nothing.
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
    // By its file: FilmPane exists once there is a clip, for QtMultimedia costs the start too much.
    Loader {
        id: clip

        property QtObject film: root.card.film

        height: root.card.filmArea.height
        width: root.card.filmArea.width
        x: root.card.filmArea.x
        y: root.card.filmArea.y

        onFilmChanged: {
            if (film === null)
                source = "";
            else
                setSource("Clip.qml", {
                    card: root.card
                });
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
    Repeater {
        model: root.card.said

        delegate: TextLines {}
    }
    CodeTile {
        card: root.card
    }
}
