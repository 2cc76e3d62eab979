import QtQuick
import O2.Stage

// The clip of a scene, where its picture stands in for it until the first frame is there.
FilmPane {
    id: root

    required property SceneCard card

    aim: card.filmFocus
    film: card.film
}
