import AudioSources
import Fakes
import Foundation

/// A folder with one file.
struct FolderFixture: SourceFixture {
    static let registration = SourceRegistration.folder

    let folder: URL
    let content = Data((0..<3_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })

    private var music: URL { folder.appending(path: "music") }

    static func run(_ test: (FolderFixture) async throws -> Void) async throws {
        try await AudioFixture.withFolder { folder in
            let fixture = FolderFixture(folder: folder)
            let file = fixture.music.appending(path: "Band/Album/01 Song.flac")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try fixture.content.write(to: file)
            try await test(fixture)
        }
    }

    var settings: [String: String] { ["HDM_FOLDER_SOURCE_DIRS": music.filePath] }
    var orders: Int? { nil }

    func disconnect() throws { try FileManager.default.removeItem(at: music) }

    func leftovers() -> [String] { [] }
}
