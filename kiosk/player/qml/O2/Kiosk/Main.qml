import QtQuick
import O2.Stage

// The window. Python places it, names its screen and shows it.
Window {
    id: window

    required property Stage stage
    readonly property bool sideways: stage.turn === 90 || stage.turn === 270

    color: stage.ground
    title: "O2 Kiosk"

    onClosing: close => close.accepted = false

    // A turned canvas places letters otherwise than a layer does: without one here, the words would
    // jump by a part of a pixel at both ends of a fade.
    Crossfade {
        focus: true
        layer.enabled: window.stage.turn !== 0
        height: window.sideways ? window.width : window.height
        rotation: window.stage.turn
        stage: window.stage
        transformOrigin: Item.TopLeft
        width: window.sideways ? window.height : window.width
        x: window.stage.turn === 90 || window.stage.turn === 180 ? window.width : 0
        y: window.stage.turn === 180 || window.stage.turn === 270 ? window.height : 0

        Keys.onPressed: event => event.accepted = true
        Keys.onReleased: event => event.accepted = true
    }
    Shortcut {
        context: Qt.ApplicationShortcut
        sequences: window.stage.leaveKeys

        onActivated: window.stage.asked_to_leave()
    }
}
