import Files
import Foundation

/// The file that holds the service key; only its owner can read it.
struct ServiceKeyFile: Sendable {
    private let file: SmallFile

    init(_ file: URL) { self.file = SmallFile(file.path, mode: 0o600) }

    /// Returns the key, which is created if the file does not exist.
    /// - Throws: ``SettingsError`` when the file can be neither read nor created.
    func content() async throws -> String {
        do {
            return try await BlockingPool.smallFiles.run { try read() ?? create() }
        } catch let error as FileError {
            throw SettingsError(
                "HDM_SERVICE_KEY_FILE",
                "is not set and the default file cannot be used: \(error); or set HDM_SERVICE_KEY")
        }
    }

    /// - Returns: `nil` when the file does not exist.
    private func read() throws(FileError) -> String? {
        guard let bytes = try file.read(limit: 4096) else { return nil }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Creates the file, or reads the one of another process that was faster. So all processes have the same key.
    private func create() throws(FileError) -> String {
        try DiskFolder(of: file.path).make()
        let key = Self.randomKey()
        if try file.create(Array((key + "\n").utf8)) { return key }
        return try read() ?? key
    }

    private static func randomKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
