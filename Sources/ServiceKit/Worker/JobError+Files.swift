public import Contracts
public import Files

extension JobError {
    /// The failure of a job because a file operation failed.
    public init(_ error: FileError) {
        let code: ErrorCode =
            switch error.code {
            case .diskFull: .diskFull
            case .permissionDenied, .readOnly: .permissionDenied
            default: .internalError
            }
        self.init(code, error.description)
    }
}
