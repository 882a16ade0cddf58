import Contracts
import Files
import Foundation
import Testing

@testable import AudioSources

@Suite("Errors of sources")
struct SourceErrorTests {
    @Test("A full disk has a code of its own and can be retried")
    func namesFullDisk() throws {
        // The device fails every write like a full disk.
        let file = OpenFile(path: "/dev/full", descriptor: open("/dev/full", O_WRONLY))
        var error: SourceError?
        do throws(FileError) {
            try file.append([1, 2, 3])
        } catch let failure {
            error = SourceError(failure)
        }
        #expect(error?.code == .diskFull)
        #expect(error?.errorCode == .diskFull)
        #expect(error?.retryMayHelp == true)
        #expect(error?.anotherCandidateMayHelp == false)
    }

    @Test(
        "Each errno has its code",
        arguments: [
            (ENOENT, SourceError.Code.gone), (EACCES, .permissionDenied), (EROFS, .permissionDenied),
            (ENOSPC, .diskFull), (EDQUOT, .diskFull), (EIO, .unreadable), (ESTALE, .unreadable),
        ])
    func mapsErrno(number: Int32, code: SourceError.Code) {
        let error = SourceError(FileError("open", "/music/song.flac", number: number))
        #expect(error.code == code)
        #expect(error.message.contains("/music/song.flac"))
    }
}
