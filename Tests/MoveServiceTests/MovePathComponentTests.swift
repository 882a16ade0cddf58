import Foundation
import Testing

@testable import MoveService

@Suite struct `Move path component` {
    @Test(arguments: [
        ("AC/DC", "AC-DC"), ("..", "Unknown"), (".", "Unknown"), ("", "Unknown"), ("   ", "Unknown"),
        ("...And Justice", "And Justice"), ("R.E.M.", "R.E.M"), (" padded ", "padded"), ("a\u{0}b", "ab"),
        ("tab\there", "tab here"), ("line\r\nbreak", "line break"), ("what?", "what_"), ("<b>", "_b_"), ("a*b", "a_b"),
        ("say \"hi\"", "say 'hi'"), ("C:\\x", "C--x"), ("a|b", "a-b"), ("CON", "CON_"), ("con", "con_"),
        ("NUL.tar", "NUL_.tar"), ("Com1", "Com1_"), ("COM¹", "COM¹_"), ("COM10", "COM10"), ("Console", "Console"),
        ("aux .x", "aux _.x"), ("LPT0", "LPT0_"), ("e\u{301}", "\u{e9}"), ("\u{202e}evil", "evil"), ("\u{feff}x", "x"),
        ("a\u{85}b", "a b"), ("‘…’", "‘…’"), ("日本語", "日本語"), ("👩‍👩‍👧", "👩‍👩‍👧"), (".hdm-x.partial", "hdm-x.partial"),
        ("-rf", "-rf"),
        ("~", "~"), ("a . . .", "a"), ("CONIN$", "CONIN$_"), ("\u{7f}", "Unknown"), ("a\u{2028}b", "a b"),
    ])
    func `every text becomes a name`(text: String, name: String) {
        #expect(
            Array(PathComponent(folder: text, fallback: "Unknown").text.unicodeScalars) == Array(name.unicodeScalars))
    }

    @Test func `a long name is cut between characters and keeps its number and extension`() {
        let name = PathComponent(
            file: String(repeating: "ä👩‍👩‍👧", count: 100), fileExtension: "flac", number: 12, fallback: "x"
        ).text
        #expect(name.utf8.count <= 255)
        #expect(name.utf8.count > 230)
        #expect(name.hasSuffix(" (12).flac"))
        #expect(["ä", "👩‍👩‍👧"].contains(name.dropLast(" (12).flac".count).suffix(1)))
    }

    @Test func `one character longer than a name is cut within`() {
        let text = "a" + String(repeating: "\u{0301}", count: 400)
        let name = PathComponent(folder: text, fallback: "x").text
        #expect((200...255).contains(name.utf8.count))
    }

    @Test func `a cut never ends in a space or dot and a device name stays within the limit`() {
        let spaced = String(repeating: "a", count: 254) + " b"
        #expect(PathComponent(folder: spaced, fallback: "x").text == String(repeating: "a", count: 254))
        let device = PathComponent(file: "NUL", fileExtension: String(repeating: "e", count: 251), fallback: "x").text
        #expect(device.utf8.count <= 255)
        #expect(!device.hasPrefix("NUL."))
    }

    @Test func `a valid name is not changed`() {
        for text in ["AC/DC", "...x", "NUL", "a  b", "e\u{301}", "x. "] {
            let once = PathComponent(folder: text, fallback: "Unknown").text
            #expect(PathComponent(folder: once, fallback: "Unknown").text == once)
        }
    }
}
