// swift-tools-version: 6.2

// This manifest is the architecture diagram: services never import each other, they meet in
// `Contracts` and in the broker; each C library has exactly one Swift importer.

import PackageDescription

// `MemberImportVisibility` is left out: on Linux it takes `struct stat` to be a member of whichever C module was built
// first, and a clean build then fails or not by chance.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

/// The test targets: one for each target and service, and one for the whole.
///
/// `HDM_TEST_TARGETS` (names with commas) leaves out the others, so that the tests of one target build in seconds;
/// `compose/dev test` sets it.
let tests: [Target] = [
    test("Contracts"),
    test("Files"),
    test("AMQP", ["CRabbitMQ", "Contracts", logging]),
    test("HTTPClient", [hummingbird, nio]),
    test("AudioFiles", ["Contracts"]),
    test("Matching", ["Contracts"], resources: [.copy("Corpus")]),
    test("AudioSources", ["AudioFiles", "Contracts", "Files", "ServiceKit", crypto, grdb, logging]),
    test(
        "Accounts",
        [
            "Contracts", "HTTPClient", "ServiceKit", grdb, httpTypes, hummingbird, hummingbirdTesting, logging,
            nio,
        ]),
    test("Catalogues", ["Accounts", "AMQP", "Contracts", "HTTPClient", "ServiceKit", logging]),
    test("ServiceKit", ["AMQP", "Contracts", "HTTPClient", hummingbird, lifecycle, logging, metrics]),
    test("Databases", [grdb]),
    test("Access"),
    test("Imports", ["Contracts"]),
    test("JobLedger", ["Contracts", "Databases", grdb], resources: [.copy("Dumps")]),
    test(
        "Gateway",
        [
            "AMQP", "Accounts", "Contracts", "Files", "JobLedger", "ServiceKit", grdb, httpTypes, hummingbird,
            hummingbirdTesting, lifecycle, logging, nio,
        ]),
    test(
        "MatchService",
        ["AMQP", "AudioSources", "Contracts", "Matching", "ServiceKit", logging]),
    test(
        "PlannerService",
        [
            "AMQP", "Accounts", "Catalogues", "Contracts", "Gateway", "HTTPClient", "JobLedger",
            "MoveService", "ServiceKit", grdb, httpTypes, hummingbird, hummingbirdTesting, lifecycle, logging, nio,
        ]),
    test(
        "DownloadService",
        ["AudioSources", "Contracts", "ServiceKit", httpTypes, hummingbird, hummingbirdTesting, logging]),
    test("TagService", ["AudioFiles", "Contracts", "Files", "ServiceKit", crypto, logging]),
    test(
        "MoveService",
        [
            "AudioFiles", "Contracts", "Databases", "Files", "ServiceKit", grdb, httpTypes,
            hummingbird, hummingbirdTesting, logging, nio,
        ]),
    test(
        "RecoveryService", ["AMQP", "Contracts", "Databases", "ServiceKit", grdb, lifecycle, logging],
        resources: [.copy("Dumps")]),
    test(
        "Pipeline", ["AMQP", "AudioFiles", "Contracts", logging], isOfTarget: false,
        resources: [.copy("BrokerBefore")]),
    test("Chaos", ["AMQP", "AudioFiles", "Contracts", grdb], isOfTarget: false, path: "Tests/Chaos"),
].filter { target in
    guard let only = Context.environment["HDM_TEST_TARGETS"], !only.isEmpty else { return true }
    return only.split(separator: ",").contains { $0 == target.name }
}

/// The tests of the target `name`, or of the whole.
func test(
    _ name: String, _ dependencies: [Target.Dependency] = [], isOfTarget: Bool = true, path: String? = nil,
    resources: [Resource]? = nil
) -> Target {
    let tested: [Target.Dependency] = isOfTarget ? [.target(name: name)] : []
    return .testTarget(
        name: name + "Tests", dependencies: tested + ["Fakes", "TestSupport"] + dependencies, path: path,
        resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "harmony-download-manager",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hdm", targets: ["hdm"]),
        .executable(name: "hdm-bench", targets: ["hdm-bench"]),
        .executable(name: "hdm-slskd-sim", targets: ["hdm-slskd-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: ["JSON", "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // C libraries
        .systemLibrary(
            name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CTagLib", linkerSettings: [.linkedLibrary("tag")]),
        .target(name: "CFileMove"),

        // Values and adapters
        .target(name: "Contracts", swiftSettings: strict),
        .target(name: "Files", dependencies: ["CFileMove", crypto, nioPosix], swiftSettings: strict),
        .target(name: "AMQP", dependencies: ["CRabbitMQ", collections, logging], swiftSettings: strict),
        .target(name: "Databases", dependencies: [grdb], swiftSettings: strict),
        .target(name: "JobLedger", dependencies: ["Contracts", "Databases", "Files", grdb], swiftSettings: strict),
        .target(name: "Imports", dependencies: ["Contracts"], swiftSettings: strict),
        .target(name: "Access", dependencies: [crypto], swiftSettings: strict),
        .target(name: "HTTPClient", dependencies: ["CCurl"], swiftSettings: strict),
        .target(name: "AudioFiles", dependencies: ["CTagLib", "Files"], swiftSettings: strict),
        .target(name: "Matching", dependencies: ["Contracts"], swiftSettings: strict),
        .target(
            name: "AudioSources",
            dependencies: [
                "HTTPClient", "AudioFiles", "Contracts", "Databases", "Files", "ServiceKit", crypto, grdb, lifecycle,
                logging,
            ],
            swiftSettings: strict),
        .target(
            name: "ServiceKit",
            dependencies: [
                "AMQP", "Contracts", "Files", configuration, httpTypes, hummingbird, lifecycle, logging, metrics, nio,
                unixSignals,
            ], swiftSettings: strict),

        .target(
            name: "Accounts",
            dependencies: [
                "Contracts", "Databases", "Files", "HTTPClient", "ServiceKit", crypto, grdb, httpTypes, hummingbird,
                lifecycle, logging, metrics, nio,
            ],
            swiftSettings: strict),
        .target(
            name: "Catalogues",
            dependencies: [
                "Accounts", "AMQP", "Contracts", "Databases", "Files", "HTTPClient", "Matching", "ServiceKit", grdb,
                lifecycle, logging,
            ],
            swiftSettings: strict),

        // Services
        .target(
            name: "Gateway",
            dependencies: [
                "Access", "AMQP", "Contracts", "Files", "HTTPClient", "Imports", "JobLedger", "ServiceKit", httpTypes,
                hummingbird, lifecycle, logging, metrics, nio,
            ],
            swiftSettings: strict),
        .target(
            name: "PlannerService",
            dependencies: [
                "AMQP", "Accounts", "Catalogues", "Contracts", "Databases", "Files", "HTTPClient", "ServiceKit", grdb,
                hummingbird, lifecycle, logging,
            ],
            swiftSettings: strict),
        .target(
            name: "MatchService",
            dependencies: [
                "Accounts", "AMQP", "AudioSources", "Catalogues", "Contracts", "Databases", "Files", "Matching",
                "ServiceKit", grdb, lifecycle, logging,
            ],
            swiftSettings: strict),
        .target(
            name: "DownloadService",
            dependencies: [
                "Accounts", "AudioSources", "Contracts", "Databases", "Files", "ServiceKit", grdb, hummingbird,
                lifecycle, logging, metrics,
            ],
            swiftSettings: strict),
        .target(
            name: "TagService",
            dependencies: ["AudioFiles", "Contracts", "Files", "ServiceKit", lifecycle, logging],
            swiftSettings: strict),
        .target(
            name: "MoveService",
            dependencies: [
                "AudioFiles", "Contracts", "Databases", "Files", "ServiceKit", grdb, hummingbird, lifecycle, logging,
            ],
            swiftSettings: strict),
        .target(
            name: "RecoveryService",
            dependencies: [
                "AMQP", "CZlib", "Contracts", "Databases", "Files", "HTTPClient", "ServiceKit", crypto, grdb,
                hummingbird, lifecycle,
                logging,
                metrics,
            ],
            swiftSettings: strict),

        // Programs
        .executableTarget(
            name: "hdm",
            dependencies: [
                "Contracts", "AMQP", "Files", "ServiceKit", "HTTPClient", "AudioSources", "Gateway", "Matching",
                "Accounts",
                "MatchService", "DownloadService", "TagService", "MoveService", "PlannerService", "RecoveryService",
                argumentParser, logging,
            ], swiftSettings: strict),
        .target(
            name: "Fakes",
            dependencies: ["AudioFiles", "Contracts", "Files", crypto, hummingbird, httpTypes, logging, nio],
            resources: [.copy("Audio")], swiftSettings: strict),
        .target(
            name: "TestSupport",
            dependencies: ["Fakes", "Contracts", "AMQP", "HTTPClient", logging],
            swiftSettings: strict),
        .executableTarget(
            name: "hdm-slskd-sim", dependencies: ["Fakes", argumentParser, lifecycle, logging],
            swiftSettings: strict),
        .target(name: "CRawRelay", linkerSettings: [.linkedLibrary("rabbitmq")]),
        .executableTarget(
            name: "hdm-bench",
            dependencies: [
                "Fakes", "TestSupport", "Contracts", "AMQP", "ServiceKit", "Matching", "CRawRelay", argumentParser,
                logging,
            ],
            swiftSettings: strict),
    ] + tests,
    cxxLanguageStandard: .cxx17
)
