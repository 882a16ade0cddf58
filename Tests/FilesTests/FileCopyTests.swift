import Files
import Foundation
import TestSupport
import Testing

@Suite("A copy of a file")
struct FileCopyTests {
    private static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    @Test(
        arguments: [0, 1, OpenFile.pieceSize - 1, OpenFile.pieceSize, 2 * OpenFile.pieceSize + 17],
        [Set(CopyMethod.allCases), [.kernel], [.readAndWrite]])
    func `has the bytes and the hash of its source, by each method`(
        _ size: Int, _ methods: Set<CopyMethod>
    ) async throws {
        try await withTemporaryFolder { folder in
            let bytes = Self.random(size)
            try Data(bytes).write(to: folder.file("source"))
            let source = try OpenFile.existing(folder.path("source"))
            let copy = try OpenFile.creating(folder.path("copy"))
            var reported: [Int64] = []
            let result = try copy.fill(from: source, methods: methods) { done, total in
                #expect(done <= total && total == Int64(size))
                reported.append(done)
            }
            #expect(try Data(contentsOf: folder.file("copy")) == Data(bytes))
            var hash = ContentHash()
            hash.update(bytes)
            #expect(result.content == FileContent(sha256: hash.hexadecimal, size: Int64(size)))
            #expect(try copy.content() == result.content)
            #expect(reported == reported.sorted())
            #expect(size == 0 || reported.last == Int64(size))
            #expect(methods.contains(result.method) || result.method == .readAndWrite)
        }
    }

    @Test
    func `ends where its observer throws`() async throws {
        try await withTemporaryFolder { folder in
            try Data(count: 3 * OpenFile.pieceSize).write(to: folder.file("source"))
            let source = try OpenFile.existing(folder.path("source"))
            let copy = try OpenFile.creating(folder.path("copy"))
            let flag = CancellationFlag()
            flag.set()
            #expect(throws: CancellationError.self) { _ = try copy.fill(from: source) { _, _ in try flag.check() } }
        }
    }

    @Test
    func `has the known SHA-256 of its content`() async throws {
        try await withTemporaryFolder { folder in
            try Data("abc".utf8).write(to: folder.file("a"))
            let file = try OpenFile.existing(folder.path("a"))
            let content = try file.content()
            #expect(content.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            #expect(content.size == 3)
            var part = ContentHash()
            try part.update(1..<10, of: file)
            var expected = ContentHash()
            expected.update(Array("bc".utf8))
            #expect(part.hexadecimal == expected.hexadecimal)
        }
    }
}

@Suite("An open file")
struct OpenFileTests {
    @Test
    func `is a regular file, never a link, a folder or a pipe`() async throws {
        try await withTemporaryFolder { folder in
            try Data("x".utf8).write(to: folder.file("file"))
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("link"), withDestinationPath: folder.path("file"))
            #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
            for name in ["link", "pipe", "."] {
                let error = #expect(throws: FileError.self) { _ = try OpenFile.reading(folder.path(name)) }
                #expect(error?.code == .notARegularFile, "\(name)")
            }
            let followed = try OpenFile.reading(folder.path("link"), followLinks: true)
            let isOpen = followed != nil
            #expect(isOpen)
            let missing = try OpenFile.reading(folder.path("missing"))
            let exists = missing != nil
            #expect(!exists)
        }
    }

    @Test
    func `is created only where no file or link is`() async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("link"), withDestinationPath: folder.path("elsewhere"))
            let error = #expect(throws: FileError.self) { _ = try OpenFile.creating(folder.path("link")) }
            #expect(error?.code == .alreadyExists)
            #expect(!FileStatus.exists(folder.path("elsewhere")))
        }
    }

    @Test
    func `reads as much as there is`() async throws {
        try await withTemporaryFolder { folder in
            try Data("abcdef".utf8).write(to: folder.file("a"))
            let file = try OpenFile.existing(folder.path("a"))
            #expect(try file.read(at: 2, count: 3) == Array("cde".utf8))
            #expect(try file.read(at: 4, count: 100) == Array("ef".utf8))
            #expect(try file.read(at: 6, count: 1).isEmpty)
        }
    }

    @Test
    func `reports a device without room as a full disk`() throws {
        let full = OpenFile(path: "/dev/full", descriptor: open("/dev/full", O_WRONLY | O_CLOEXEC))
        let error = #expect(throws: FileError.self) { try full.append(Array("x".utf8)) }
        #expect(error?.code == .diskFull)
    }
}

extension OpenFile {
    struct Missing: Error { let path: String }

    static func existing(_ path: String) throws -> OpenFile {
        guard let file = try reading(path) else { throw Missing(path: path) }
        return file
    }
}
