import Contracts
import Foundation
import Testing

@testable import AudioSources

@Suite("Errors of sources")
struct SourceErrorTests {
    @Test("a full disk is named as one")
    func namesFullDisk() throws {
        // The device fails every write as a full disk does.
        let file = PartialFile(path: "/dev/full", descriptor: open("/dev/full", O_WRONLY))
        let error = #expect(throws: SourceError.self) { try file.write([1, 2, 3]) }
        #expect(error?.code == .diskFull)
        #expect(error?.errorCode == .diskFull)
        #expect(error?.retryMayHelp == true)
        #expect(error?.anotherCandidateMayHelp == false)
    }

    @Test(
        "each failure of the system has its meaning",
        arguments: [
            (ENOENT, SourceError.Code.gone), (EACCES, .permissionDenied), (EROFS, .permissionDenied),
            (ENOSPC, .diskFull), (EDQUOT, .diskFull), (EIO, .unreadable), (ESTALE, .unreadable),
        ])
    func mapsErrno(number: Int32, code: SourceError.Code) {
        let error = SourceError(errno: number, "/music/song.flac")
        #expect(error.code == code)
        #expect(error.message.contains("/music/song.flac"))
    }
}
