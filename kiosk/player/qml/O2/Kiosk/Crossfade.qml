import QtQuick
import O2.Stage

// One slot stands on the glass, the other waits. A fade thins the leaving slot above the coming
// one, both as layers, so that every frame is the old scene, the new one, or a mix of the two.
Item {
    id: root

    required property Stage stage
    property Slot coming: first
    property Slot leaving: second

    function cast(slot: int): void {
        coming = slot === 0 ? first : second;
        leaving = slot === 0 ? second : first;
        coming.z = 0;
        leaving.z = 1;
        coming.visible = true;
    }
    function cut(slot: int): void {
        cast(slot);
        leaving.visible = false;
    }
    function fade(slot: int): void {
        cast(slot);
        first.layer.enabled = true;
        second.layer.enabled = true;
        steady.visible = first.card.code !== "" && first.card.code === second.card.code && first.card.tile === second.card.tile;
        armed.enabled = true;
        root.Window.window.update();
    }
    function rest(): void {
        leaving.visible = false;
        leaving.opacity = 1;
        first.layer.enabled = false;
        second.layer.enabled = false;
        steady.visible = false;
        stage.faded();
    }

    Slot {
        id: first

        anchors.fill: parent
        card: root.stage.first
        visible: false
    }
    Slot {
        id: second

        anchors.fill: parent
        card: root.stage.second
        visible: false
    }
    CodeTile {
        id: steady

        card: root.coming.card
        visible: false
        z: 2
    }
    Connections {
        function onCut(slot: int): void {
            root.cut(slot);
        }
        function onFade(slot: int): void {
            root.fade(slot);
        }

        target: root.stage
    }
    // The layers' first frame costs more than the others: it is drawn before anything moves.
    Connections {
        id: armed

        function onFrameSwapped(): void {
            armed.enabled = false;
            thinning.start();
        }

        enabled: false
        target: root.Window.window
    }
    NumberAnimation {
        id: thinning

        duration: root.stage.fadeMs
        easing.type: Easing.InOutSine
        from: 1
        property: "opacity"
        target: root.leaving
        to: 0

        onFinished: root.rest()
    }
}
