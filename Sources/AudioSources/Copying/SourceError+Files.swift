import Files
import Foundation

extension SourceError {
    /// Creates the error of a failed operation on a file or folder.
    init(_ error: FileError) {
        let code: Code =
            switch error.code {
            // A share that lost its connection reports other numbers than a missing file.
            case .notFound, .notAFolder: [ENOENT, ENOTDIR].contains(error.number) ? .gone : .unreadable
            case .notARegularFile, .nameTooLong: .refused
            case .permissionDenied, .readOnly: .permissionDenied
            case .diskFull: .diskFull
            default: .unreadable
            }
        self.init(code, error.description)
    }
}

/// Runs short blocking calls of the sources: listings, lookups and removals.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await sourceFilesPool.run(body)
}

/// A disk that does not respond delays sources only.
private let sourceFilesPool = BlockingPool(name: "source-files", threads: 8)
