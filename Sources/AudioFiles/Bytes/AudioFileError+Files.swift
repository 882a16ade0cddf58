import Files

extension AudioFileError {
    /// The failure of a file operation on `path`.
    init(_ error: FileError, _ path: String) {
        let code: Code =
            switch error.code {
            case .notFound, .notAFolder: .notFound
            case .permissionDenied, .readOnly: .permissionDenied
            case .diskFull: .diskFull
            default: .unreadable
            }
        let text = code == .notFound ? "the file does not exist" : "\(error.reason): \(error.advice)"
        self.init(code, path, text)
    }
}
