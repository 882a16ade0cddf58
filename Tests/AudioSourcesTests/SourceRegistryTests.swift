import AudioSources
import Foundation
import ServiceKit
import Testing

@Suite("The registry of sources")
struct SourceRegistryTests {
    private let registry = SourceRegistry.standard

    private func names(_ value: String) throws -> [String] {
        try registry.selected(by: Settings(environment: ["HDM_SOURCES": value])).map(\.name)
    }

    @Test("Without HDM_SOURCES the first source is selected")
    func hasDefault() throws {
        #expect(try names("") == ["folder"])
    }

    @Test("HDM_SOURCES selects sources in its order, each once")
    func selects() throws {
        #expect(try names("slskd, folder,slskd") == ["slskd", "folder"])
    }

    @Test("An unknown name is an error that lists all names")
    func rejectsUnknown() throws {
        let error = #expect(throws: SettingsError.self) { try names("folder,napster") }
        #expect(error?.name == "HDM_SOURCES")
        for word in ["'napster'"] + registry.registrations.map({ "'\($0.name)'" }) {
            #expect(error?.problem.contains(word) == true)
        }
    }

    @Test("The requests to the Soulseek network are limited by default, those to folders are not")
    func limits() throws {
        let limits = Dictionary(uniqueKeysWithValues: registry.registrations.map { ($0.name, $0.limits) })
        #expect(limits["folder"] == .some(nil))
        #expect(
            limits["slskd"] == BudgetLimits(uses: 34, window: .seconds(220), gap: .seconds(1), concurrent: 1))
    }

    @Test("The files of folders are the user's own collection, those of peers are not")
    func ownCollections() {
        let isOwn = Dictionary(uniqueKeysWithValues: registry.registrations.map { ($0.name, $0.isOwnCollection) })
        #expect(isOwn["folder"] == true && isOwn["slskd"] == false)
    }

    @Test("Every setting is documented once, with its default and range")
    func documents() {
        let documentation = registry.documentation
        let settings = registry.registrations.flatMap(\.settings)
        #expect(Set(settings.map(\.name)).count == settings.count)
        for setting in settings { #expect(documentation.contains(setting.tableRow), "\(setting.name)") }
        #expect(documentation.contains("| `HDM_FOLDER_RESCAN_S` | 900 | "))
        #expect(documentation.contains("10–604800"))
    }
}
