import Files
import Foundation
import TestSupport
import Testing

@Suite("A folder on the disk")
struct DiskFolderTests {
    @Test
    func `is made with the folders above it, once`() async throws {
        try await withTemporaryFolder { folder in
            let nested = DiskFolder(folder.path("a/b/c/"))
            try nested.make()
            try nested.make()
            #expect(try FileStatus.read(folder.path("a/b/c"))?.kind == .folder)
            try nested.synchronise()
        }
    }

    @Test
    func `is not made where a file has its name`() async throws {
        try await withTemporaryFolder { folder in
            try Data().write(to: folder.file("a"))
            for path in ["a", "a/b"] {
                let error = #expect(throws: FileError.self) { try DiskFolder(folder.path(path)).make() }
                #expect(error?.code == .notAFolder, "\(path)")
            }
        }
    }

    @Test
    func `lists its names, and none when it is missing`() async throws {
        try await withTemporaryFolder { folder in
            for name in ["a", ".b", "ö"] { try Data().write(to: folder.file(name)) }
            #expect(try Set(DiskFolder(folder.path).names()) == ["a", ".b", "ö"])
            #expect(try DiskFolder(folder.path("missing")).names().isEmpty)
        }
    }

    @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/c", "a/b")])
    func `is found from the path of a file in it`(_ file: String, _ expected: String) {
        #expect(DiskFolder(of: file).path == expected)
    }

    @Test
    func `is empty again after a probe`() async throws {
        try await withTemporaryFolder { folder in
            try DiskFolder(folder.path).probe()
            #expect(try DiskFolder(folder.path).names().isEmpty)
            #expect(DiskFolder(folder.path).freeBytes ?? 0 > 0)
            let error = #expect(throws: FileError.self) { try DiskFolder(folder.path("missing")).probe() }
            #expect(error?.code == .notFound)
        }
    }
}
