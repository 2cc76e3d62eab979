import QtQuick

// Lines that were already broken and measured.
Text {
    id: root

    required property rect area
    required property string colour
    required property int line_px
    required property int px
    required text
    required property int weight

    color: colour
    font.hintingPreference: Font.PreferNoHinting
    font.pixelSize: px
    font.weight: weight
    height: area.height
    lineHeight: line_px
    lineHeightMode: Text.FixedHeight
    renderType: Text.NativeRendering
    textFormat: Text.PlainText
    verticalAlignment: Text.AlignTop
    width: area.width
    x: area.x
    // A baseline between two pixels would be rounded one way here and another in a layer.
    y: area.y + Math.round(baselineOffset) - baselineOffset
}
