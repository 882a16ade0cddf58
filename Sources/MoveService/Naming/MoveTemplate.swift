import Foundation

/// The pattern of `MOVE_TEMPLATE`, from which the path of a file in the library is made.
///
/// The text is a path below the music folder: folders and a file name, separated by `/`.
///
/// - `{Field}` stands for a value. The fields, in upper or lower case: `Artist`, `AlbumArtist` (by default the artist),
///   `Album`, `Title`, `Year`, `Track`, `Disc`, `ISRC`, `Genre` (the first), `ext` (lower-case, without the dot).
/// - `{Track:02d}` pads a number with zeros to two digits. Widths from 1 to 9 are possible, for `Track`, `Disc` and
///   `Year`.
/// - `{Year - }`, `{ (Year)}`, `{Disc-}`: text beside the name within the braces appears only with the value. It must
///   not contain letters, digits, braces or `/`.
/// - `Disc` has a value from the second disc on, and on the first when the album is known to have several.
/// - An absent value is removed together with the brackets around it and the separators on one side, so that
///   `{Year} - {Album}` is just the album when the year is unknown.
/// - A folder whose fields are all absent is left out; the folder of an unknown album is `Singles`.
/// - The name ends with the extension, even when the template lacks `.{ext}`.
///
/// ``PathComponent`` replaces the characters of a value that a name cannot contain: no value can add or leave a folder.
struct MoveTemplate: Sendable, Equatable {
    /// The default of `MOVE_TEMPLATE`.
    static let standard = "{AlbumArtist}/{Year - }{Album}/{Disc-}{Track:02d} {Title}.{ext}"
    /// The folder of tracks whose album is unknown.
    static let singles = "Singles"
    static let deepest = 12

    enum Part: Sendable, Equatable {
        case literal(String)
        case field(TemplateField, width: Int, prefix: String, suffix: String)
    }

    /// An error in a template; the text continues a sentence that begins with the name of the setting.
    struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String
    }

    let folders: [[Part]]
    let file: [Part]

    /// Parses a template.
    ///
    /// - Parameter library: the music folder. It, or `/music`, is removed from the beginning of the template.
    /// - Throws: ``Problem`` for unknown fields, unbalanced braces, a path outside of the library, or a file name that
    ///   would be the same for all tracks of an album.
    init(_ text: String, library: URL = URL(filePath: "/music")) throws(Problem) {
        var components: [[Part]] = []
        for name in try Self.relative(text, to: library).split(separator: "/") {
            components.append(try TemplateParser.parts(of: name))
        }
        guard let last = components.popLast() else { throw Problem(description: "is empty") }
        guard components.count < Self.deepest else {
            throw Problem(description: "has more than \(Self.deepest) folders")
        }
        folders = components
        file = Self.withoutExtension(last)
        guard file.contains(where: \.namesTrack) else {
            throw Problem(
                description: "needs {Title}, {Track} or {ISRC} in the file name, so that tracks get different names")
        }
    }

    private static func relative(_ text: String, to library: URL) throws(Problem) -> Substring {
        let trimmed = Substring(text.trimmingCharacters(in: .whitespaces))
        guard trimmed.hasPrefix("/") else { return trimmed }
        for root in [library.path(percentEncoded: false), "/music"] {
            let prefix = root.hasSuffix("/") ? root : root + "/"
            if trimmed.hasPrefix(prefix) { return trimmed.dropFirst(prefix.count) }
        }
        throw Problem(description: "must be a path below MUSIC_DIR, without a leading '/'")
    }

    private static func withoutExtension(_ parts: [Part]) -> [Part] {
        var parts = parts
        guard case .field(.fileExtension, _, "", "")? = parts.last else { return parts }
        parts.removeLast()
        guard case .literal(let text)? = parts.last, text.hasSuffix(".") else { return parts }
        parts.removeLast()
        return text == "." ? parts : parts + [.literal(String(text.dropLast()))]
    }
}

extension MoveTemplate.Part {
    fileprivate var namesTrack: Bool {
        if case .field(let field, _, _, _) = self { field.namesTrack } else { false }
    }
}
