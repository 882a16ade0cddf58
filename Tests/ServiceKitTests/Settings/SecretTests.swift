import Foundation
import ServiceKit
import TestSupport
import Testing

struct SecretTests {
    @Test func `A secret is its value, or the content of the file without white space around it`() async throws {
        try await withTemporaryFolder { folder in
            try Data(" s3cret \r\n\n".utf8).write(to: folder.file("key"))
            let file = Settings(environment: ["HDM_KEY": "", "HDM_KEY_FILE": folder.path("key")])
            #expect(try file.secret("HDM_KEY") == "s3cret")
            let both = Settings(environment: ["HDM_KEY": "direct", "HDM_KEY_FILE": "/nowhere"])
            #expect(try both.secret("HDM_KEY") == "direct")
            #expect(try Settings(environment: ["HDM_KEY_FILE": ""]).secret("HDM_KEY") == nil)
        }
    }

    @Test func `A secret's file that is missing, empty, a folder or no text is named`() async throws {
        try await withTemporaryFolder { folder in
            try Data(" \n".utf8).write(to: folder.file("empty"))
            try Data([0xFF, 0xFE, 0x80]).write(to: folder.file("binary"))
            for name in ["missing", "empty", "binary", "."] {
                let settings = Settings(environment: ["HDM_KEY_FILE": folder.path(name)])
                let failure = #expect(throws: SettingsError.self) { try settings.secret("HDM_KEY") }
                #expect(failure?.name == "HDM_KEY_FILE")
                #expect(failure?.problem.contains(folder.path(name)) == true)
            }
        }
    }

    @Test(arguments: [
        "http://alice:s3cret@host/", "amqp://alice:s3cret@host:99999/", "amqp://alice:s3cret@host/a/b",
        "amqp://alice:s3cret%zz@host/", "alice:s3cret", ",", "amqp://ok/,amqp://alice:s3cret@/",
    ])
    func `A broker's address that cannot be used is named, and its password is not shown`(_ url: String) {
        let settings = Settings(environment: ["HDM_AMQP_URL": url])
        let failure = #expect(throws: SettingsError.self) { try ServiceSettings(settings, for: .match) }
        #expect(failure?.name == "HDM_AMQP_URL")
        #expect(failure?.description.contains("s3cret") == false)
        #expect(failure?.description.contains("alice") == false)
    }

    @Test func `A broker's address in a file that cannot be used does not show its password`() async throws {
        try await withTemporaryFolder { folder in
            try Data("redis://u:s3cret@h/".utf8).write(to: folder.file("url"))
            let settings = Settings(environment: ["HDM_AMQP_URL_FILE": folder.path("url")])
            let failure = #expect(throws: SettingsError.self) { try ServiceSettings(settings, for: .match) }
            #expect(failure?.name == "HDM_AMQP_URL")
            #expect(failure?.description.contains("s3cret") == false)
        }
    }
}
