import Foundation

/// The place of a file in the library, as `MOVE_TEMPLATE` describes it.
///
/// The text is a path below the music folder: folders and a file name, separated by `/`.
///
/// - `{Field}` stands for a value. Fields, in any case: `Artist`, `AlbumArtist` (else the artist), `Album`, `Title`,
///   `Year`, `Track`, `Disc`, `ISRC`, `Genre` (the first), `ext` (lower-case, without the dot).
/// - `{Track:02d}` pads a number with zeros to two digits; any width from 1 to 9; for `Track`, `Disc` and `Year`.
/// - `{Year - }`, `{ (Year)}`, `{Disc-}`: what stands beside the name within the braces appears only with the value.
///   It holds no letters, digits, braces or `/`.
/// - `Disc` has a value from the second disc on, or when the album is known to have several.
/// - A value that is absent takes along the brackets around it and the separators on one side, so that
///   `{Year} - {Album}` is just the album when the year is not known.
/// - A folder whose fields are all absent is left out; the folder of an unknown album is `Singles`.
/// - The name ends with the extension, also when the template does not say `.{ext}`.
///
/// Everything a value brings along is made fit for a name by ``PathComponent``: no value can add or leave a folder.
struct MoveTemplate: Sendable, Equatable {
    /// What is used when `MOVE_TEMPLATE` is not set.
    static let standard = "{AlbumArtist}/{Year - }{Album}/{Disc-}{Track:02d} {Title}.{ext}"
    /// The folder for tracks of no known album.
    static let singles = "Singles"
    static let deepest = 12

    enum Part: Sendable, Equatable {
        case literal(String)
        case field(TemplateField, width: Int, prefix: String, suffix: String)
    }

    /// What is wrong with a template: a sentence part that follows its name.
    struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String
    }

    let folders: [[Part]]
    let file: [Part]

    /// Reads a template.
    ///
    /// - Parameter library: the music folder; a template that begins with it, or with `/music`, is taken as relative.
    /// - Throws: ``Problem`` for unknown fields, unbalanced braces, a path out of the library, or a file name that
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
            throw Problem(description: "needs {Title}, {Track} or {ISRC} in the file name, or tracks would share it")
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
