import Contracts
import Foundation

/// One name of a path that is valid on every common file system: ext4, NTFS, exFAT, APFS, and each of them over SMB.
///
/// It is in NFC and at most ``longest`` bytes long. It contains no separator, control or reserved character, neither
/// begins nor ends with a dot or a space, and is no device name of Windows. Invalid characters are replaced.
struct PathComponent: Sendable, Hashable, CustomStringConvertible {
    /// The limit of one name in bytes of UTF-8.
    static let longest = 255

    let text: String

    var description: String { text }

    /// Makes the name of a folder; `fallback` when all characters of `text` are invalid.
    init(folder text: String, fallback: String, limit: Int = longest) {
        self.text = Self.name(text, fallback: fallback, tail: "", limit: limit)
    }

    /// Makes the name of a file: `stem (number).ext`, the number from 2 on. Only the stem is shortened.
    init(file stem: String, fileExtension: String, number: Int = 1, fallback: String, limit: Int = longest) {
        let mark = number > 1 ? " (\(number))" : ""
        let tail = fileExtension.isEmpty ? mark : "\(mark).\(fileExtension)"
        text = Self.name(stem, fallback: fallback, tail: tail, limit: limit)
    }

    private static func name(_ text: String, fallback: String, tail: String, limit: Int) -> String {
        let room = limit - tail.utf8.count
        let cleaned = trimmed(cut(trimmed(replaced(text)), to: room))
        let stem = cleaned.isEmpty ? fallback : cleaned
        guard isDeviceName(stem) else { return stem + tail }
        return cut(beforeFirstDot(stem), to: room - 1) + "_" + stem.dropFirst(beforeFirstDot(stem).count) + tail
    }
}

extension PathComponent {
    /// Replaces forbidden characters and collapses white space. The result is neither shortened nor trimmed.
    static func replaced(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
            guard let valid = replacement(of: scalar) else { continue }
            if valid == " ", scalars.last == " " { continue }
            scalars.append(valid)
        }
        return String(scalars).precomposedStringWithCanonicalMapping
    }

    /// Removes dots and spaces at both ends.
    static func trimmed(_ text: String) -> String {
        let isLoose = { (scalar: Unicode.Scalar) in scalar == "." || scalar.properties.isWhitespace }
        let scalars = text.unicodeScalars.drop(while: isLoose)
        guard let last = scalars.lastIndex(where: { !isLoose($0) }) else { return "" }
        return String(scalars[...last])
    }

    private static func replacement(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "/", "\\", "|", ":": "-"
        case "<", ">", "?", "*": "_"
        case "\"": "'"
        case "\u{200C}", "\u{200D}": scalar  // Several scripts and emoji need joiners.
        default: plain(scalar)
        }
    }

    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        if scalar.properties.isWhitespace { return " " }
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .lineSeparator, .paragraphSeparator: return nil
        case .format: return isTag(scalar) ? scalar : nil
        default: return scalar
        }
    }

    /// Tag characters are part of the flag emoji of regions.
    private static func isTag(_ scalar: Unicode.Scalar) -> Bool { (0xE0020...0xE007F).contains(scalar.value) }

    /// Cuts between characters. A single character that is longer than the limit is cut within.
    private static func cut(_ text: String, to limit: Int) -> String {
        let cut = text.prefix(utf8: limit)
        guard cut.isEmpty, !text.isEmpty else { return cut }
        var scalars = String.UnicodeScalarView()
        var size = 0
        for scalar in text.unicodeScalars {
            size += UTF8.width(scalar)
            if size > limit { break }
            scalars.append(scalar)
        }
        return String(scalars)
    }

    private static func beforeFirstDot(_ stem: String) -> String { String(stem.prefix { $0 != "." }) }

    /// Whether Windows treats the name as a device, in upper or lower case and with any extension.
    private static func isDeviceName(_ stem: String) -> Bool {
        let name = trimmed(beforeFirstDot(stem)).uppercased()
        if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(name) { return true }
        guard name.count == 4, name.hasPrefix("COM") || name.hasPrefix("LPT"), let last = name.last else {
            return false
        }
        return "0123456789¹²³".contains(last)
    }
}
