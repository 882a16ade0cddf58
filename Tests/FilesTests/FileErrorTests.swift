import Foundation
import Testing

@testable import Files

@Suite("A file error")
struct FileErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let number: Int32
        let code: FileError.Code
        var isRetriable = false
        var testDescription: String { "\(String(cString: strerror(number))): \(code)" }
    }

    static let cases = [
        Case(number: ENOENT, code: .notFound), Case(number: ESTALE, code: .unreadable, isRetriable: true),
        Case(number: EEXIST, code: .alreadyExists), Case(number: ENOTEMPTY, code: .alreadyExists),
        Case(number: ENOTDIR, code: .notAFolder), Case(number: EISDIR, code: .notARegularFile),
        Case(number: ELOOP, code: .notARegularFile), Case(number: ENXIO, code: .notARegularFile),
        Case(number: EACCES, code: .permissionDenied), Case(number: EPERM, code: .permissionDenied),
        Case(number: EROFS, code: .readOnly), Case(number: EXDEV, code: .otherFileSystem),
        Case(number: ENOSPC, code: .diskFull, isRetriable: true),
        Case(number: EDQUOT, code: .diskFull, isRetriable: true),
        Case(number: EMFILE, code: .tooManyOpenFiles, isRetriable: true),
        Case(number: ENFILE, code: .tooManyOpenFiles, isRetriable: true),
        Case(number: ENAMETOOLONG, code: .nameTooLong), Case(number: EINVAL, code: .unsupported),
        Case(number: EOPNOTSUPP, code: .unsupported), Case(number: ENOSYS, code: .unsupported),
        Case(number: EIO, code: .unreadable, isRetriable: true),
        Case(number: ETIMEDOUT, code: .unreadable, isRetriable: true),
        Case(number: 9_999, code: .unreadable, isRetriable: true),
    ]

    @Test(arguments: cases)
    func `has the code of its errno`(_ expected: Case) {
        let error = FileError("open", "/music/a.flac", number: expected.number)
        #expect(error.code == expected.code)
        #expect(error.isRetriable == expected.isRetriable)
        #expect(!error.advice.isEmpty)
    }

    @Test
    func `names the operation, the path, the user, the reason and what to do`() {
        let error = FileError("write to", "/music/a.flac", number: ENOSPC)
        #expect(
            error.description == "cannot write to /music/a.flac as uid \(geteuid()), gid \(getegid()): "
                + "No space left on device; free some space")
    }
}
