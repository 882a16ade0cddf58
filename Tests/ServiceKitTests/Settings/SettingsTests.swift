import Foundation
import ServiceKit
import TestSupport
import Testing

struct SettingsTests {
    enum Colour: String, CaseIterable { case red, green }

    private func error<Value>(_ body: () throws(SettingsError) -> Value) -> SettingsError? {
        do throws(SettingsError) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    private func settings(
        file name: String, _ text: String, environment: [String: String] = [:]
    ) async throws -> Settings {
        try await withTemporaryFolder { folder in
            let path = folder.path(name)
            try Data(text.utf8).write(to: folder.file(name))
            return try await Settings.load(environment: environment.merging(["HDM_CONFIG_FILE": path]) { $1 })
        }
    }

    @Test func `The environment gives each kind of value`() throws {
        let settings = Settings(environment: [
            "HDM_TEXT": "a b", "HDM_NUMBER": "7", "HDM_SHARE": "0.25", "HDM_FLAG": "Yes", "HDM_TIME_S": "90",
            "HDM_COLOUR": "Green", "HDM_LIST": " a, b ,,c ", "HDM_DIRS": "/a:/b",
        ])
        #expect(settings.text("HDM_TEXT") == "a b")
        #expect(try settings.integer("HDM_NUMBER", default: 1, in: 0...9) == 7)
        #expect(try settings.number("HDM_SHARE", default: 1, in: 0...1) == 0.25)
        #expect(try settings.flag("HDM_FLAG", default: false))
        #expect(try settings.seconds("HDM_TIME_S", default: .zero, in: 1...100) == .seconds(90))
        #expect(try settings.choice("HDM_COLOUR", default: Colour.red) == .green)
        #expect(settings.list("HDM_LIST") == ["a", "b", "c"])
        #expect(settings.list("HDM_DIRS", separator: ":") == ["/a", "/b"])
    }

    @Test(arguments: [[:], ["HDM_X": ""]])
    func `What is absent or empty has its default`(_ environment: [String: String]) throws {
        let settings = Settings(environment: environment)
        #expect(settings.text("HDM_X") == nil)
        #expect(settings.text("HDM_X", default: "d") == "d")
        #expect(try settings.integer("HDM_X", default: 5, in: 0...9) == 5)
        #expect(try settings.number("HDM_X", default: 0.5, in: 0...1) == 0.5)
        #expect(try settings.flag("HDM_X", default: true))
        #expect(try settings.seconds("HDM_X", default: .milliseconds(1500), in: 1...2) == .milliseconds(1500))
        #expect(try settings.choice("HDM_X", default: Colour.green) == .green)
        #expect(settings.list("HDM_X") == [])
        #expect(try settings.secret("HDM_X") == nil)
    }

    @Test(arguments: ["yes": true, "ON": true, "1": true, "True": true, "no": false, "off": false, "0": false])
    func `A flag is written in any usual way`(_ text: String, _ value: Bool) throws {
        #expect(try Settings(environment: ["F": text]).flag("F", default: !value) == value)
    }

    @Test(arguments: ["", " ", "x", "1.5", "0x10", "99999999999999999999", "-1", "11", "１"].filter { !$0.isEmpty })
    func `A whole number that cannot be used names its setting and the range`(_ text: String) {
        let settings = Settings(environment: ["HDM_NUMBER": text])
        let failure = error { () throws(SettingsError) in try settings.integer("HDM_NUMBER", default: 5, in: 0...10) }
        #expect(failure?.name == "HDM_NUMBER")
        #expect(failure?.problem.contains("from 0 to 10") == true)
        #expect(
            error { () throws(SettingsError) in try settings.seconds("HDM_NUMBER", default: .zero, in: 0...10) }?.name
                == "HDM_NUMBER")
    }

    @Test(arguments: ["nan", "inf", "1e400", "-0.1", "1.1", "a", "0,5"])
    func `A number that cannot be used names its setting`(_ text: String) {
        let settings = Settings(environment: ["HDM_SHARE": text])
        let failure = error { () throws(SettingsError) in try settings.number("HDM_SHARE", default: 0, in: 0...1) }
        #expect(failure?.name == "HDM_SHARE")
    }

    @Test func `A flag and a choice that cannot be used name their setting and what is allowed`() {
        let settings = Settings(environment: ["HDM_FLAG": "maybe", "HDM_COLOUR": "blue"])
        let flag = error { () throws(SettingsError) in try settings.flag("HDM_FLAG", default: true) }
        #expect(flag?.description == "HDM_FLAG must be true or false, not 'maybe'")
        let choice = error { () throws(SettingsError) in try settings.choice("HDM_COLOUR", default: Colour.red) }
        #expect(choice?.description == "HDM_COLOUR must be one of red, green, not 'blue'")
    }

    @Test(arguments: [
        (
            "hdm.yaml",
            "RETRY_MAX_ATTEMPTS: 7\nRETRY_JITTER_PCT: 0.5\nENABLE_LYRICS: true\nMUSIC_DIR: /music\nHDM_LIST: [a, b]\n"
        ),
        (
            "hdm.yml",
            "RETRY_MAX_ATTEMPTS: '7'\nRETRY_JITTER_PCT: '0.5'\nENABLE_LYRICS: 'yes'\nMUSIC_DIR: \"/music\"\nHDM_LIST: a,b\n"
        ),
        (
            "hdm.json",
            #"{"RETRY_MAX_ATTEMPTS":7,"RETRY_JITTER_PCT":0.5,"ENABLE_LYRICS":true,"MUSIC_DIR":"/music","HDM_LIST":["a","b"]}"#
        ),
        (
            "hdm2.json",
            #"{"RETRY_MAX_ATTEMPTS":"7","RETRY_JITTER_PCT":"0.5","ENABLE_LYRICS":"on","MUSIC_DIR":"/music","HDM_LIST":"a, b"}"#
        ),
    ])
    func `A file gives values with their types or as text`(_ name: String, _ text: String) async throws {
        let settings = try await settings(file: name, text)
        #expect(try settings.integer("RETRY_MAX_ATTEMPTS", default: 5, in: 1...100) == 7)
        #expect(try settings.number("RETRY_JITTER_PCT", default: 20, in: 0...100) == 0.5)
        #expect(try settings.flag("ENABLE_LYRICS", default: false))
        #expect(settings.text("MUSIC_DIR") == "/music")
        #expect(settings.list("HDM_LIST") == ["a", "b"])
        #expect(settings.text("HDM_ABSENT") == nil)
    }

    @Test func `The environment goes before the file, and an empty variable does not hide the file's value`()
        async throws
    {
        let settings = try await settings(
            file: "hdm.json", #"{"A":"file","B":"file","C":"","D":null}"#,
            environment: ["A": "environment", "B": "", "C": "", "D": ""])
        #expect(settings.text("A") == "environment")
        #expect(settings.text("B") == "file")
        #expect(settings.text("C") == nil)
        #expect(settings.text("D") == nil)
    }

    @Test func `A bad value in a file names its setting`() async throws {
        let settings = try await settings(file: "hdm.yaml", "WORKER_CONCURRENCY: 0\n")
        let failure = error { () throws(SettingsError) in try ServiceSettings(settings, for: .match) }
        #expect(failure?.name == "WORKER_CONCURRENCY")
    }

    @Test(arguments: [("hdm.json", "{\"A\":"), ("hdm.json", "[1,2]"), ("hdm.yaml", "a: [1\nb: }")])
    func `A file that is neither YAML nor JSON stops the start`(_ name: String, _ text: String) async {
        await #expect(throws: SettingsError.self) { _ = try await settings(file: name, text) }
    }

    @Test func `A missing file stops the start and is named`() async throws {
        let failure = await #expect(throws: SettingsError.self) {
            _ = try await Settings.load(environment: ["HDM_CONFIG_FILE": "/nowhere/hdm.yaml"])
        }
        #expect(failure?.name == "HDM_CONFIG_FILE")
        #expect(failure?.problem.contains("/nowhere/hdm.yaml") == true)
        let settings = try await Settings.load(environment: ["HDM_CONFIG_FILE": "", "A": "b"])
        #expect(settings.text("A") == "b")
    }
}
