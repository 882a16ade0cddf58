import AudioFiles
import Foundation

/// A number in the MD5 field of a FLAC file, which only a copy of the file has.
enum ContentMark {
    private static let field = 26..<42
    private static let prefix = Data(repeating: 0xA5, count: 12)

    static func write(_ number: Int, to file: URL) throws {
        var data = try Data(contentsOf: file)
        let bytes = withUnsafeBytes(of: UInt32(number).bigEndian) { Data($0) }
        data.replaceSubrange(field, with: prefix + bytes)
        try data.write(to: file)
    }

    /// - Returns: `nil` if the file has no mark.
    static func read(_ file: URL) throws -> Int? {
        let data = try Data(contentsOf: file, options: .alwaysMapped)
        guard data.count > field.upperBound else { return nil }
        let mark = Data(data[field])
        guard mark.prefix(12) == prefix else { return nil }
        return mark.suffix(4).reduce(0) { $0 << 8 | Int($1) }
    }
}
